/**
 * Keeps the app on the tablet's own disk, so that it opens with no network. The server writes the
 * two lines below. Answers only GETs of the page and its files; every other request, and all that
 * is sent, passes untouched. Knows nothing of answers.
 */
const BUILD = '';
const SHELL = [''];

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));

const NAME = `hailong-kiosk-${BUILD}`;
const PAGE = new URL('./', worker.location.href).href;
const FILES = new URL('static/', worker.location.href).href;

worker.addEventListener('install', (event) => event.waitUntil(fetchAll()));

worker.addEventListener('activate', (event) => event.waitUntil(takeOver()));

worker.addEventListener('message', (event) => {
  if (event.data === 'let-in') worker.skipWaiting();
});

worker.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET') return;
  const [address = ''] = request.url.split('#');
  const isPage = request.mode === 'navigate' && address.split('?')[0] === PAGE;
  if (isPage) event.respondWith(kept(PAGE, request));
  else if (address.startsWith(FILES)) event.respondWith(kept(address, request));
});

/** All files of one build, or none: a server that changes in the middle gives no mixture. */
async function fetchAll() {
  const cache = await caches.open(NAME);
  await Promise.all(
    SHELL.map(async (path) => {
      const address = new URL(path, worker.location.href).href;
      const reply = await fetch(address, { cache: 'no-cache', redirect: 'error' });
      if (!reply.ok || !(await isOurs(reply.clone(), address))) throw new Error(`not kept: ${path}`);
      await cache.put(address, reply);
    }),
  );
}

/**
 * The page names its build; the address of a file does, and then the file never changes.
 * @param {Response} reply
 * @param {string} address
 */
async function isOurs(reply, address) {
  if (address === PAGE) return (await reply.text()).includes(BUILD);
  return !address.startsWith(FILES) || /immutable/.test(reply.headers.get('Cache-Control') ?? '');
}

async function takeOver() {
  const names = await caches.keys();
  const former = names.filter((name) => name.startsWith('hailong-kiosk-') && name !== NAME);
  await Promise.all(former.map((name) => caches.delete(name)));
  await worker.clients.claim();
}

/**
 * From the disk; from the network where the disk was cleared or cannot be read.
 * @param {string} address
 * @param {Request} request
 */
async function kept(address, request) {
  const find = async () => (await caches.open(NAME)).match(address);
  return (await find().catch(() => null)) ?? fetch(request);
}
