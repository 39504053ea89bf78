import { authorizeBy, post } from "../api.js";

/// Holds the refresh token for as long as the tab is open; the access token is nowhere but in memory.
const STORED = "mynah.operator";
let access = null;
let renewing = null;

const kept = () => JSON.parse(sessionStorage.getItem(STORED));

/// What the operator signed in as: `admin` or `staff`.
export const role = () => kept()?.role;

function keep(as, grant) {
    access = grant.access_token;
    sessionStorage.setItem(STORED, JSON.stringify({ role: as, token: grant.refresh_token }));
}

export function forget() {
    access = null;
    sessionStorage.removeItem(STORED);
}

export async function signIn(as, values) {
    access = null;
    keep(as, await post(`/${as}/login`, values));
}

export async function signOut() {
    try {
        await post(`/${role()}/logout`);
    } finally {
        forget();
    }
}

const header = () => access && `Bearer ${access}`;

/// A refresh token counts once, so of calls that find the access token too old at once, one exchanges it for all. `old` is
/// the header that a call had: where that has been replaced since, the call was only late.
export function renew(old) {
    if (access && header() !== old) return Promise.resolve(true);
    renewing ??= exchange().finally(() => { renewing = null; });
    return renewing;
}

async function exchange() {
    const { role: as, token } = kept() ?? {};
    if (!as) return false;
    access = null;
    try {
        keep(as, await post(`/${as}/refresh`, { refresh_token: token }));
        return true;
    } catch (error) {
        if (error.status !== 401) throw error;
        forget();
        return false;
    }
}

authorizeBy({ header, renew });
