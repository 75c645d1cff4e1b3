import { defineError } from '../core/index.ts';

const DOWNLOAD = 'Error downloading image';

export const ImageDownloadFailed = defineError('ImageDownloadError', {
  status: 500,
  message: DOWNLOAD,
  doc: 'The image could not be fetched after all retries; details carry the last reason.',
});
export const ImageDownloadFatal = defineError('ImageDownloadFatalError', {
  status: 500,
  message: DOWNLOAD,
  doc: 'The image server refused the request for good (4xx); it was not repeated. Check the address and the credentials.',
});
export const ImageDownloadTimedOut = defineError('ImageDownloadTimeoutError', {
  status: 408,
  message: 'Image download timeout',
  doc: 'The download took longer than image_download_max_duration, counted from its first try.',
});
export const ImageChecksumMismatch = defineError('ImageChecksumError', {
  status: 500,
  message: 'Error verifying image checksum',
  doc: 'The image that arrived has another digest than the one ordered; the disk was left unbootable.',
});
export const ImageWriteFailed = defineError('ImageWriteError', {
  status: 500,
  message: 'Error writing image to device',
  doc: 'The image could not be written to the disk; details name disk, position and reason.',
});
export const FileSystemNotSupported = defineError('FileSystemNotSupported', {
  status: 500,
  message: 'Failed to create a file system',
  doc: 'The file system that was asked for is unknown, or this ramdisk lacks the program that makes it; nothing was written.',
});
export const InvalidImage = defineError('InvalidImage', {
  status: 500,
  message: 'The provided image is not valid for use',
  doc: 'The image is damaged, unsafe, of a format that is not permitted, or does not fit the disk; nothing was written.',
});
