export * from './help.ts';
export * from './ini-text.ts';
export * from './render.ts';
