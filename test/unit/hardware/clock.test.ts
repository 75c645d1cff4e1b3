import { describe, expect, it } from 'vitest';
import { silentLog } from '../../../src/core/index.ts';
import { ClockSyncFailed, syncClock } from '../../../src/hardware/index.ts';
import { type RecordedCall, recordedTools } from '../../kit/recorded-tools.ts';

const help: RecordedCall = { argv: ['chronyd', '-h'] };
const noHelp: RecordedCall = { ...help, exit: 127 };

describe('the time server (protocol.md 1.5)', () => {
  it('is not asked when none is set', async () => {
    const tools = recordedTools([]);
    await syncClock({ tools, log: silentLog }, null);
    expect(tools.asked).toEqual([]);
  });

  it.each<readonly [string, readonly RecordedCall[], RegExp]>([
    [
      'chrony finds no source',
      [
        help,
        { argv: ['chronyc', 'shutdown'] },
        { argv: ['chronyd', '-q', 'server t iburst'], exit: 1, err: 'No source' },
      ],
      /could not be set by t: .*No source.*UDP port 123/,
    ],
    ['no program is there', [noHelp, { argv: ['ntpdate', '-v'], exit: 127 }], /neither chrony nor ntpdate/],
  ])('says why when %s', async (_name, calls, details) => {
    const failure = syncClock({ tools: recordedTools(calls), log: silentLog }, 't');
    await expect(failure).rejects.toSatisfy((error) => ClockSyncFailed.is(error) && details.test(error.details));
  });
});
