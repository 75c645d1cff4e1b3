import type { Files } from '../../system/index.ts';

/** Left by rescue: the machine belongs to a tenant now, the agent must not serve its API (protocol.md 1.4). */
const RESCUE_MARKER = '/etc/.rescued';

export const isRescued = async (files: Files): Promise<boolean> => (await files.kind(RESCUE_MARKER)) !== null;
