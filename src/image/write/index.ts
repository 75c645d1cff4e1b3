export { type WriteHooks, writeImage } from './write-image.ts';
