import { version } from './version.ts';

/** From which API version on a server knows what (protocol 3). */
export const WITH_AGENT_VERSION = version(1, 36);
export const WITH_TOKEN = version(1, 62);
export const WITH_CERTIFICATE = version(1, 68);
/** `agent_status_message` in heartbeats. */
export const WITH_STATUS = version(1, 72);
/** From here on a conductor sends the token on GET as well (protocol 7.6). */
export const WITH_TOKEN_ON_GET = version(1, 96);
