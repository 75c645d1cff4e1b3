export { createDisplay, type Display, type Screen } from './display.ts';
export type { Stage } from './stages.ts';
export { summaryText } from './summary.ts';
