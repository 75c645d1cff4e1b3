import { RESCUE_MARKER } from '../../hardware/index.ts';
import type { Files } from '../../system/index.ts';

/** Left by rescue: the agent must not serve its API any more (protocol.md 1.4). */
export const isRescued = async (files: Files): Promise<boolean> => (await files.kind(RESCUE_MARKER)) !== null;
