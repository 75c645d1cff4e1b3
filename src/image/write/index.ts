export { deadline, type WriteHooks, writeImage } from './write-image.ts';
