/** What programs ask about who they are: the hub's card, signing in, tokens. */
import { BranchbookError, hasCode } from '../../../core/error';
import { rights } from '../../../core/model/access';
import type { Right } from '../../../core/model/access';
import { object, string } from '../../schema-words';
import type { HubRoute } from '../route';
import { joinSchema } from '../schemas';
import { LAB_COOKIE } from './browser';
import type { HubIdentity } from './identity';
import { joinPage } from './pages';
import { contextOf, pageRoute } from './page-routes';
import { tokenOf } from '../credentials';
import { TOKEN_PREFIX } from './secrets';

const BODY = 4096;
const DEFAULT_LAB = 'http://localhost:8888/lab';
const YEAR_SECONDS = 31_536_000;
/** What JupyterLab is told to join, by its address. */
const LAB_PARAMETER = 'branchbook-join';

const empty = { body: 'none', bodyLimit: 0 } as const;
const json = { body: 'json', bodyLimit: BODY } as const;

export function identityRoutes(identity: HubIdentity): readonly HubRoute[] {
  return [
    cardRoute(identity.options.version),
    ...deviceRoutes(identity),
    ...tokenRoutes(identity),
    ...joinRoutes(identity)
  ];
}

export function cardRoute(version: string): HubRoute {
  return {
    method: 'GET',
    path: '/.well-known/branchbook',
    need: { on: 'nothing', why: 'says only that a hub is here, and its version' },
    rate: 'ordinary',
    ...empty,
    handle: async () => ({ branchbook: version })
  };
}

function deviceRoutes({ devices, options }: HubIdentity): readonly HubRoute[] {
  const why = 'how a program that has no token gets one: a person confirms it';
  return [
    {
      method: 'POST',
      path: '/api/v1/login/device',
      need: { on: 'nothing', why },
      rate: 'sign-in',
      ...json,
      schema: { body: object({ program: { ...string, maxLength: 100 } }) },
      handle: async ({ body }) => {
        const { program = '' } = body as { program?: string };
        return devices.start(`${options.publicUrl()}/device`, program);
      }
    },
    {
      method: 'POST',
      path: '/api/v1/login/token',
      need: { on: 'nothing', why },
      // Asked every few seconds with 256 bits that cannot be guessed.
      rate: 'ordinary',
      ...json,
      schema: { body: object({ deviceCode: string }, ['deviceCode']) },
      handle: async ({ body }, reply) => {
        const token = await devices.redeem((body as { deviceCode: string }).deviceCode);
        if (token === null) {
          reply.code(202);
        }
        return token === null ? {} : { token };
      }
    }
  ];
}

function tokenRoutes({ accounts }: HubIdentity): readonly HubRoute[] {
  const base = { need: { on: 'place' }, rate: 'ordinary' } as const;
  return [
    {
      method: 'GET',
      path: '/api/v1/tokens',
      ...base,
      ...empty,
      handle: async call => ({ tokens: await accounts.tokens(call.identity) })
    },
    {
      method: 'POST',
      path: '/api/v1/tokens',
      ...base,
      ...json,
      schema: {
        body: object({ name: string, lifetime: { type: 'integer', minimum: 1 }, atMost: { enum: rights } }, [
          'name',
          'lifetime'
        ])
      },
      handle: async call => {
        const { name, lifetime, atMost } = call.body as { name: string; lifetime: number; atMost?: Right };
        return accounts.createToken(call.identity, name, lifetime, atMost);
      }
    },
    {
      method: 'DELETE',
      path: '/api/v1/tokens/:id',
      ...base,
      ...empty,
      handle: async call => {
        await accounts.revokeToken(call.identity, call.params['id']!);
        return {};
      }
    },
    {
      method: 'DELETE',
      path: '/api/v1/login',
      ...base,
      ...empty,
      handle: async call => {
        // Only what a program came with is ended: it has it, so it may.
        const token = tokenOf(call.request.headers) ?? '';
        if (token.startsWith(TOKEN_PREFIX)) {
          await accounts.revokeSecret('token', token);
        }
        return {};
      }
    }
  ];
}

function joinRoutes(identity: HubIdentity): readonly HubRoute[] {
  const why = 'the code is what lets somebody see what a link gives; using it needs a sign-in';
  const { options } = identity;
  return [
    {
      method: 'POST',
      path: '/api/v1/offer',
      need: { on: 'nothing', why },
      // Codes cannot be guessed; nobody shall try all the same.
      rate: 'sign-in',
      ...json,
      schema: { body: joinSchema },
      handle: ({ body }) => options.offer((body as { readonly code: string }).code)
    },
    pageRoute(identity, 'GET', '/join/:code', why, async (browser, { params }) => {
      const code = params['code']!;
      const offer = await options.offer(code).catch(unlessInvalid);
      const link = `${browser.hub}/join/${encodeURIComponent(code)}`;
      const lab = browser.cookies[LAB_COOKIE] ?? usualLab(identity);
      const sure = options.jupyterHub !== null && lab === usualLab(identity);
      browser.send(joinPage(contextOf(browser), { offer, link, code, lab, sure }), offer === null ? 404 : 200);
    }),
    pageRoute(identity, 'POST', '/join/:code', why, async (browser, { params }) => {
      const lab = labAddress((await browser.form()).get('lab') ?? '');
      browser.setCookie(LAB_COOKIE, lab.href, { seconds: YEAR_SECONDS });
      const target = new URL(lab);
      target.searchParams.set(LAB_PARAMETER, `${browser.hub}/join/${encodeURIComponent(params['code']!)}`);
      browser.redirect(target.href);
    })
  ];
}

function unlessInvalid(error: unknown): null {
  if (hasCode(error, 'LINK_INVALID')) {
    return null;
  }
  throw error;
}

/** Under JupyterHub, its own way to the server of whoever opens it. */
function usualLab({ options }: HubIdentity): string {
  const { jupyterHub, publicUrl } = options;
  return jupyterHub ? new URL(`${jupyterHub.browserUrl}/user-redirect/lab`, publicUrl()).href : DEFAULT_LAB;
}

function labAddress(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '') {
    throw new BranchbookError(
      'USAGE',
      'That is no address of a JupyterLab.',
      { argument: 'lab' },
      `It looks like ${DEFAULT_LAB}.`
    );
  }
  return url;
}
