import { beforeAll, describe, expect, it } from 'vitest';
import { declaredErrors } from '../../../build/docs/errors.ts';
import type { ErrorType } from '../../../src/core/index.ts';
import { ProtectedDevice } from '../../../src/hardware/index.ts';

/** protocol.md 9: type, code, fixed message. Null: the protocol gives no text. */
const TABLE: readonly (readonly [type: string, code: number, message: string | null])[] = [
  ['RESTError', 500, 'An error occurred'],
  ['InvalidContentError', 400, 'Invalid request body'],
  ['InvalidCommandError', 400, 'Invalid command'],
  ['InvalidCommandParamsError', 400, 'Invalid command parameters'],
  ['NotFound', 404, 'Not found'],
  ['RequestedObjectNotFoundError', 404, 'Not found'],
  ['DeviceNotFound', 404, 'Error finding the disk or partition device to deploy the image onto'],
  ['CommandExecutionError', 500, 'Command execution failed'],
  ['AgentIsBusy', 409, 'Agent is busy'],
  ['ContainerNotPermittedError', 500, 'Container image not permitted'],
  ['VersionMismatch', 409, 'Hardware managers version mismatch, reload agent with correct version'],
  ['CleaningError', 500, 'Clean step failed'],
  ['DeploymentError', 500, 'Deploy step failed'],
  ['ServicingError', 500, 'Service step failed'],
  ['ProtectedDeviceError', 500, null],
  ['InvalidImage', 500, 'The provided image is not valid for use'],
  ['ImageDownloadError', 500, 'Error downloading image'],
  ['ImageDownloadOutofSpaceError', 500, 'Error downloading image'],
  ['ImageDownloadFatalError', 500, 'Error downloading image'],
  ['ImageDownloadTimeoutError', 408, 'Image download timeout'],
  ['ImageChecksumError', 500, 'Error verifying image checksum'],
  ['ImageWriteError', 500, 'Error writing image to device'],
  ['SystemRebootError', 500, 'Error rebooting system'],
  ['BlockDeviceEraseError', 500, 'Error erasing block device'],
  ['BlockDeviceError', 500, 'Block device caused unknown error'],
  ['SoftwareRAIDError', 500, 'Software RAID caused unknown error'],
  ['VirtualMediaBootError', 500, 'Configuring agent from virtual media failed'],
  ['ExtensionError', 500, 'An error occurred'],
  ['UnknownNodeError', 500, 'Agent is not associated with an Ironic node'],
  ['HardwareManagerNotFound', 500, 'No valid HardwareManager found'],
  ['HardwareManagerConfigurationError', 500, 'Hardware manager configuration error'],
  ['IncompatibleHardwareMethodError', 500, 'HardwareManager method is not compatible with hardware'],
  ['HardwareManagerMethodNotFound', 500, 'No HardwareManager found to handle method'],
  ['IncompatibleNumaFormatError', 500, 'Error in NUMA node data format'],
  ['ClockSyncError', 500, 'Error syncing system clock'],
  ['IronicAPIError', 500, null],
  ['HeartbeatError', 500, null],
  ['HeartbeatConflictError', 500, null],
  ['HeartbeatConnectionError', 500, null],
  ['LookupNodeError', 500, null],
  ['LookupAgentIPError', 500, null],
  ['InvalidMetricConfig', 500, null],
  ['MetricsNotSupported', 500, null],
  ['FileSystemNotSupported', 500, null],
  ['ServiceLookupFailure', 500, null],
];

/** Nothing of this release can raise them: their feature is still to come, or the agent is built so that they cannot happen. */
const ABSENT: Readonly<Record<string, string>> = {
  SoftwareRAIDError: 'software RAID',
  ImageDownloadOutofSpaceError:
    'an image that must be staged is refused as InvalidImage, before it is fetched, when there is no room for it',
  IncompatibleNumaFormatError: 'the numa-topology collector fails by its own words, which become part of the report',
  InvalidMetricConfig: 'a bad metrics setting is a bad option like any other',
  MetricsNotSupported: 'every backend of the option can do all that is measured',
  ExtensionError: 'a base class of the reference; every fault here has a type of its own',
  UnknownNodeError: 'commands get the node from the conductor or go without',
  HardwareManagerNotFound: 'the generic manager fits every machine',
};

const declared = new Map<string, ErrorType>();
beforeAll(async () => {
  for (const { value } of await declaredErrors()) declared.set(value.type, value);
});

describe('the error table (protocol.md 9)', () => {
  it('what is missing is missing for a reason, and nothing else', () => {
    const missing = TABLE.map(([type]) => type).filter((type) => !declared.has(type));
    expect(missing.sort()).toEqual(Object.keys(ABSENT).sort());
  });

  it.each(TABLE.filter(([type]) => !Object.hasOwn(ABSENT, type)))('%s', (type, code, message) => {
    const found = declared.get(type);
    if (found === undefined) return expect.fail(`${type} is not declared`);
    expect(found.spec.status).toBe(code);
    if (message !== null) expect(found.spec.message).toBe(message);
    const { details, ...wire } = found('what happened').toWire();
    expect([wire.type, wire.code, typeof wire.message, details]).toEqual([type, code, 'string', 'what happened']);
  });

  it('a protected device repeats its details as the message', () => {
    expect(ProtectedDevice('VMFS on /dev/sda').toWire()).toMatchObject({
      message: 'VMFS on /dev/sda',
      details: 'VMFS on /dev/sda',
    });
  });
});
