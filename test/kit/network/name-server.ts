import { createSocket } from 'node:dgram';
import { once } from 'node:events';

export interface NameServer {
  /** Questions that came in. */
  asked(): number;
  /** From now on it answers. */
  speak(): void;
  close(): void;
}

const HEADER = 12;
const TYPE_A = 1;

/** Length of the first question: labels, the root, type and class. */
function questionLength(query: Buffer): number {
  let at = HEADER;
  while ((query[at] ?? 0) !== 0) at += (query[at] ?? 0) + 1;
  return at + 5 - HEADER;
}

/** Every name has `ip`, and no IPv6 address. */
function answerTo(query: Buffer, ip: string): Buffer {
  const length = questionLength(query);
  const question = query.subarray(HEADER, HEADER + length);
  const isA = question.readUInt16BE(length - 4) === TYPE_A;
  const header = Buffer.from(query.subarray(0, HEADER));
  header.writeUInt16BE(0x8180, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(isA ? 1 : 0, 6);
  header.writeUInt32BE(0, 8);
  const record = Buffer.from([0xc0, HEADER, 0, TYPE_A, 0, 1, 0, 0, 0, 1, 0, 4, ...ip.split('.').map(Number)]);
  return Buffer.concat(isA ? [header, question, record] : [header, question]);
}

/** A DNS server that takes every question and is silent until told to speak. */
export async function silentNameServer(host: string, ip: string): Promise<NameServer> {
  const socket = createSocket('udp4');
  let asked = 0;
  let speaks = false;
  socket.on('message', (query, { address, port }) => {
    asked += 1;
    if (speaks) socket.send(answerTo(query, ip), port, address);
  });
  socket.bind(53, host);
  await once(socket, 'listening');
  return {
    asked: () => asked,
    speak: () => {
      speaks = true;
    },
    close: () => void socket.close(),
  };
}
