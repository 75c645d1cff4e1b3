import { type Static, Type } from 'typebox';

const Text = Type.Optional(Type.Union([Type.String(), Type.Null()]));
const Whole = Type.Optional(Type.Union([Type.Integer(), Type.Null()]));
const Flag = Type.Optional(Type.Union([Type.Boolean(), Type.Null()]));

/** The image as the conductor describes it (imaging 1.3). Null and absent mean the same; more keys may come. */
export const ImageInfo = Type.Object(
  {
    id: Type.String({ minLength: 1 }),
    urls: Type.Array(Type.String({ minLength: 1 }), { minItems: 1 }),
    checksum: Text,
    os_hash_algo: Text,
    os_hash_value: Text,
    disk_format: Text,
    container_format: Text,
    stream_raw_images: Flag,
    image_type: Text,
    node_uuid: Text,
    image_server_auth_strategy: Text,
    image_server_user: Text,
    image_server_password: Text,
    image_request_authorization: Text,
    proxies: Type.Optional(Type.Union([Type.Object({ http: Text, https: Text }), Type.Null()])),
    no_proxy: Text,
    configdrive: Text,
    root_mb: Whole,
    swap_mb: Whole,
    ephemeral_mb: Whole,
    ephemeral_format: Text,
    preserve_ephemeral: Flag,
    deploy_boot_mode: Text,
  },
  { additionalProperties: true },
);
export type ImageInfo = Static<typeof ImageInfo>;
