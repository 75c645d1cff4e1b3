import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Ironic's client is Python's ssl module; this is the same call with nothing around it. */
const SCRIPT = `
import http.client, json, ssl, sys
ca, host, port, path, least, most, strict = sys.argv[1:8]
versions = {"1.1": ssl.TLSVersion.TLSv1_1, "1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}
context = ssl.create_default_context(cadata=ca)
if least == "1.1":
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
context.minimum_version = versions[least]
context.maximum_version = versions[most]
if strict == "strict":
    context.verify_flags |= ssl.VERIFY_X509_STRICT
assert context.check_hostname and context.verify_mode == ssl.CERT_REQUIRED
assert len(context.get_ca_certs(binary_form=True)) <= 1
try:
    connection = http.client.HTTPSConnection(host, int(port), context=context, timeout=20)
    connection.request("GET", path)
    version = connection.sock.version()
    answer = connection.getresponse()
    print(json.dumps({"version": version, "status": answer.status, "body": answer.read().decode()}))
except ssl.SSLError as error:
    print(json.dumps({"refused": error.reason or str(error)}))
`;

export interface PythonAsk {
  /** PEM text; the only one that is trusted. */
  readonly ca: string;
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly least: '1.1' | '1.2' | '1.3';
  readonly most: '1.1' | '1.2' | '1.3';
  readonly strict: boolean;
}

export type PythonSaid =
  | { readonly version: string; readonly status: number; readonly body: string }
  | { readonly refused: string };

export async function pythonGet(ask: PythonAsk): Promise<PythonSaid> {
  const { ca, host, port, path, least, most, strict } = ask;
  const flags = [ca, host, String(port), path, least, most, strict ? 'strict' : 'plain'];
  const { stdout } = await run('/usr/bin/python3', ['-c', SCRIPT, ...flags]);
  return JSON.parse(stdout);
}
