export type { Body } from './body.ts';
export type { TlsMaterial } from './connect.ts';
export * from './errors.ts';
export { createTransferSession, type TransferSession, type TransferSettings } from './session.ts';
