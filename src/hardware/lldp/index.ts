export { type LldpHeard, type LldpWish, listenForLldp, longestListening } from './listen.ts';
export { announcedVlans, parseTlvs, type Tlv } from './tlv.ts';
export { lldpRaw, withLldp } from './wire.ts';
