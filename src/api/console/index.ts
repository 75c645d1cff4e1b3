export { attachConsole, type ConsolePorts } from './attach.ts';
export { progressText, renderScreen } from './screen.ts';
