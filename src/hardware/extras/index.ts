export { dmi } from './dmi.ts';
export { numaTopology } from './numa.ts';
export { pciDevices } from './pci.ts';
export { usbDevices } from './usb.ts';
