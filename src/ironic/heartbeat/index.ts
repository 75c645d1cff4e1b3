export * from './heartbeat.ts';
export type { HeartbeatFacts } from './request.ts';
export type { SendingState } from './sender.ts';
