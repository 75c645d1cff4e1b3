export { createGroups, type Groups } from './groups.ts';
export { keeperOf, type Overflow } from './output.ts';
export { type Ended, runProgram } from './program.ts';
