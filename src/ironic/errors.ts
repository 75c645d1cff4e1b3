import { defineError } from '../core/index.ts';

/** Errors of the agent as a client (protocol 9). They are logged and shown on the console, never sent to the conductor. */
export const IronicApiFailed = defineError('IronicAPIError', {
  status: 500,
  message: 'Error in call to Ironic API',
  doc: 'The Ironic API answered with an error; details carry its status and its own words.',
});
export const HeartbeatFailed = defineError('HeartbeatError', {
  status: 500,
  message: 'Error heartbeating to agent API',
  doc: 'The conductor refused a heartbeat; details carry its reason. The agent tries again every few seconds.',
});
export const HeartbeatConflict = defineError('HeartbeatConflictError', {
  status: 500,
  message: 'ConflictError heartbeating to agent API',
  doc: 'The node is locked by the conductor; the agent tries again every few seconds.',
});
export const HeartbeatUnreachable = defineError('HeartbeatConnectionError', {
  status: 500,
  message: 'Error attempting to heartbeat - Possible transitory network failure or blocking port may be present',
  doc: 'No API address answered a heartbeat; check network and API service. The agent tries again every few seconds.',
});
export const LookupFailed = defineError('LookupNodeError', {
  status: 500,
  message: 'Error getting configuration from Ironic',
  doc: 'The conductor did not recognise this machine in time; check its ports, its state and the API address.',
});
export const NoCallbackAddress = defineError('LookupAgentIPError', {
  status: 500,
  message: 'Error finding IP for Ironic Agent',
  doc: 'No local address leads to the API; check DHCP and routes, or set advertise_host or network_interface.',
});
export const InspectionFailed = defineError('InspectionError', {
  status: 500,
  message: 'Failed to inspect hardware',
  doc: 'The inventory could not be handed over; lookup goes on without the UUID that inspection would have returned.',
});
export const CertificateFailed = defineError('CertificateError', {
  status: 500,
  message: 'Error generating the TLS certificate',
  doc: 'The certificate of automatic TLS could not be made; details carry the cause.',
});
export const ServiceNotFound = defineError('ServiceLookupFailure', {
  status: 500,
  message: 'A service was not found by multicast DNS',
  doc: 'Nobody on the local network announces Ironic or its inspector; check the announcer, multicast filtering of the switch, or set ipa-api-url.',
});
