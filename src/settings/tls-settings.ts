/** The certificate chain and private key to serve HTTPS with, each the text of a PEM file, and the files. */
export interface TlsSettings {
  readonly certFile: string;
  readonly keyFile: string;
  readonly cert: string;
  readonly key: string;
}
