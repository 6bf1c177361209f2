/** The part of oidc-provider that tests use. */
declare module 'oidc-provider' {
  import type { Server } from 'node:http';
  type Account = { readonly accountId: string; readonly claims: () => { readonly [claim: string]: unknown } };
  export default class Provider {
    constructor(
      issuer: string,
      configuration: {
        readonly findAccount: (context: unknown, id: string) => Account;
        readonly [setting: string]: unknown;
      }
    );
    listen(port: number, host: string): Server;
  }
}
