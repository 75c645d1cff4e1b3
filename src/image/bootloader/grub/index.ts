export { type GrubTarget, installGrub } from './install.ts';
