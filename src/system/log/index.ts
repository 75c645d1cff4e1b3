export { type HeldLines, holdLines, type LogFile, type LogFileOptions, openLogFile } from './file.ts';
export { writesToJournal } from './journal.ts';
export { createLog, type LogOptions } from './log.ts';
export { type RecentLines, recentLines } from './recent.ts';
