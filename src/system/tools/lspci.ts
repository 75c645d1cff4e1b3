import { defineTool } from '../tool.ts';

/** What a PCI device is called in the list of ids. */
export interface PciName {
  /** `0000:3b:00.0`. */
  readonly address: string;
  readonly vendor: string;
  readonly product: string;
}

const labelled = (record: string, label: string) =>
  new RegExp(`^${label}:\\t(.*)$`, 'm').exec(record)?.[1]?.trim() ?? '';

/** Names of all PCI devices; `Device 1572` where the list does not know one. */
export const lspciNames = defineTool({
  bin: 'lspci',
  packages: { debian: 'pciutils', redhat: 'pciutils' },
  effect: 'reads',
  timeoutMs: 10_000,
  argv: () => ['-D', '-vmm'],
  parse: (out): readonly PciName[] =>
    out.stdout
      .split(/\n\s*\n/)
      .map((record) => ({
        address: labelled(record, 'Slot'),
        vendor: labelled(record, 'Vendor'),
        product: labelled(record, 'Device'),
      }))
      .filter(({ address }) => address !== ''),
});
