export * from './banner.ts';
export * from './config-drive.ts';
export * from './errors.ts';
export * from './guest/orders.ts';
export * from './os-image.ts';
