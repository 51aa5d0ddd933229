/**
 * Speaks with the server: one function a question, one try each. Owns addresses, patience and what
 * counts as a reply of ours. Never throws, and decides nothing about what happens next.
 */

const PATIENCE = 10_000; // milliseconds for one try; a slow server is asked again, under the same ids
const RECEIPTS = new Set(['stored', 'repeated', 'conflict', 'refused', 'later']);

/**
 * Ask `path` (beside the page). Resolves to {status, answer, asked, answered, wait}: `status` 0
 * where nothing came back; `answer` the JSON object or null; the moments in milliseconds; `wait` in
 * milliseconds, as the server asks for it.
 */
async function ask(path, { secret = null, body = null, headers = {} } = {}) {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE);
  const asked = Date.now();
  try {
    const reply = await fetch(path, {
      method: body === null ? 'GET' : 'POST',
      headers: {
        ...(body === null ? {} : { 'Content-Type': 'application/json' }),
        ...(secret === null ? {} : { Authorization: `Bearer ${secret}` }),
        ...headers,
      },
      body: body === null ? undefined : JSON.stringify(body),
      cache: 'no-store',
      credentials: 'omit',
      redirect: 'error', // a sign-in page of the office network is not our server
      signal: patience.signal,
    });
    const answered = Date.now();
    const answer = await reply.json().catch(() => null);
    const wait = seconds(reply.headers.get('Retry-After')) * 1000;
    return { status: reply.status, answer, asked, answered, wait };
  } catch {
    return { status: 0, answer: null, asked, answered: Date.now(), wait: 0 };
  } finally {
    clearTimeout(timer);
  }
}

/** What a reply says about the line and about us. */
function meaning({ status, answer, wait, asked, answered }) {
  const time = answer?.server_time;
  const ours = typeof time === 'number' || typeof answer?.error === 'string';
  return {
    status,
    reached: status > 0, // something answered, be it ours or a box in between
    connected: ours,
    closed: ours && (status === 401 || status === 403),
    wait,
    time: typeof time === 'number' ? { time, asked, answered } : null,
  };
}

/** Pair: {…meaning, error, device, station}; `device` null where it was not granted. */
export async function enrol(code, secret) {
  const reply = await ask('enrol', { body: { code, secret } });
  const granted = reply.status === 200 && typeof reply.answer?.device === 'string';
  return {
    ...meaning(reply),
    error: typeof reply.answer?.error === 'string' ? reply.answer.error : null,
    device: granted ? reply.answer.device : null,
    station: granted ? reply.answer.station : null,
  };
}

/** The station's document: {…meaning, station}; null where it did not come. */
export async function station(secret) {
  const reply = await ask('station.json', { secret });
  const ours = reply.status === 200 && typeof reply.answer?.questionnaire === 'string';
  const { closed, wait, connected } = meaning(reply);
  return { closed, wait, connected: connected || ours, station: ours ? reply.answer : null };
}

/** Say how we are: {…meaning, build, digest}; the last two null where no reply of ours came. */
export async function heartbeat(secret, state) {
  const reply = await ask('heartbeat', { secret, body: { clock: Date.now() / 1000, ...state } });
  const ok = reply.status === 200;
  return {
    ...meaning(reply),
    build: (ok && reply.answer?.build) || null,
    digest: (ok && reply.answer?.station) || null,
  };
}

/**
 * Send records: {…meaning, receipts, problems, tooLarge, misread}. `receipts`: id -> receipt, for
 * the records the server spoke about; `tooLarge`, `misread`: the request as a whole was not taken.
 */
export async function send(secret, records) {
  const body = { clock: Date.now() / 1000, responses: records };
  const reply = await ask('responses', { secret, body });
  const results = read(reply.answer, new Set(records.map((record) => record.response_id)));
  const said = meaning(reply);
  const connected = said.connected || results.length > 0;
  return {
    ...said,
    connected,
    receipts: new Map(results.map((result) => [result.response_id, result.receipt])),
    problems: new Map(results.map((result) => [result.response_id, result.problems ?? []])),
    tooLarge: reply.status === 413,
    misread: connected && (reply.status === 400 || reply.status === 415),
  };
}

/** Only a well-formed receipt for an id that was sent counts: anything else is silence. */
function read(answer, sent) {
  const results = Array.isArray(answer?.results) ? answer.results : [];
  return results.filter((result) => sent.has(result?.response_id) && RECEIPTS.has(result.receipt));
}

function seconds(header) {
  if (header === null) return 0;
  const number = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isFinite(number) ? Math.min(Math.max(number, 0), 3600) : 0;
}
