export { type DriveContent, loadConfigDrive } from './content.ts';
export { type ConfigDriveReport, placeConfigDrive } from './place.ts';
