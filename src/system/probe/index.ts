export {
  type CertificateFacts,
  createNetProbe,
  type Dialled,
  type Handshake,
  type NetProbe,
  type Resolution,
  type ServerSaid,
} from './probe.ts';
