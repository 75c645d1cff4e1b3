/** What a partition is for. */
export type Role = 'esp' | 'bios-boot' | 'prep' | 'ephemeral' | 'swap' | 'config-drive' | 'root';

interface RoleFacts {
  /** Key in the answer of `standby.get_partition_uuids` (imaging 1.7). */
  readonly wire: string;
  /** In plans and errors. */
  readonly words: string;
  readonly gptType: string;
  /** Name of the GPT entry. */
  readonly gptName: string;
  readonly dosType: number;
}

const DATA = { gptType: '0fc63daf-8483-4772-8e79-3d69d8477de4', dosType: 0x83 } as const;

/** Types as the reference gives them, so that a rebuild by either agent finds the same table (imaging 4.2). */
export const roleFacts: Readonly<Record<Role, RoleFacts>> = {
  esp: {
    wire: 'efi system partition',
    words: 'EFI system',
    gptType: 'c12a7328-f81f-11d2-ba4b-00a0c93ec93b',
    gptName: 'efi-system',
    dosType: 0xef,
  },
  'bios-boot': {
    wire: 'BIOS Boot partition',
    words: 'BIOS boot',
    gptType: '21686148-6449-6e6f-744e-656564454649',
    gptName: 'bios-boot',
    dosType: 0x83,
  },
  prep: {
    wire: 'PReP Boot partition',
    words: 'PReP boot',
    gptType: '9e1a2d38-c612-4316-aa26-8b49521e5a8b',
    gptName: 'prep-boot',
    dosType: 0x41,
  },
  ephemeral: { wire: 'ephemeral', words: 'ephemeral', gptName: 'ephemeral', ...DATA },
  swap: {
    wire: 'swap',
    words: 'swap',
    gptType: '0657fd6d-a4ab-43c4-84e5-0933c84b4f4f',
    gptName: 'swap',
    dosType: 0x82,
  },
  'config-drive': { wire: 'configdrive', words: 'config drive', gptName: 'config-2', ...DATA },
  root: { wire: 'root', words: 'root', gptName: 'root', ...DATA },
};
