import { describe, expect, it } from 'vitest';
import { BANNER_BEGIN, BANNER_END, readBanner } from '../../../lab/images/index.ts';

const banner = (hostname: string, body: readonly string[] = []) =>
  [
    BANNER_BEGIN,
    'image: lab-os-1',
    'firmware: uefi',
    'loader: (hd0,gpt2)/EFI/debian',
    'disk-serial: S1',
    'config-drive: /dev/vda4',
    `hostname: ${hostname}`,
    'uuid: u-1',
    ...body,
    BANNER_END,
  ].join('\r\n');

describe('banner of the test system', () => {
  it('is read from a serial log, the last one counts', () => {
    const log = `noise\r\n${banner('old')}\r\nmore\r\n${banner('new', ['user-data| #!/bin/sh', 'user-data| uuid: 7'])}\r\n`;
    expect(readBanner(log)).toMatchObject({
      image: 'lab-os-1',
      firmware: 'uefi',
      loader: '(hd0,gpt2)/EFI/debian',
      diskSerial: 'S1',
      configDrive: '/dev/vda4',
      hostname: 'new',
      uuid: 'u-1',
      userData: '#!/bin/sh\nuuid: 7',
    });
  });

  it('may miss a config drive', () => {
    const log = `${BANNER_BEGIN}\nconfig-drive: none\n${BANNER_END}\n`;
    expect(readBanner(log)).toMatchObject({ configDrive: null, hostname: null, uuid: null, userData: '' });
  });

  it.each(['', 'boot', `${BANNER_BEGIN}\nimage: x`, BANNER_END])('is not there: %j', (log) => {
    expect(readBanner(log)).toBeNull();
  });
});
