export { type DriveContent, loadConfigDrive } from './content.ts';
export { becomesFat, type ConfigDriveReport, fillConfigDrive, placeConfigDrive } from './place.ts';
