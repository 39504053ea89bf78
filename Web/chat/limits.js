import { get } from "../api.js";
import { clock, credits, number, t } from "../i18n.js";

/// Scalars that a message may have, as the server counts them.
const LONGEST = 32_000;
/// How many are left when their number is shown.
const NEAR = 2000;
/// Messages of today that are left when their number is shown.
const FEW = 5;

/// What to say of a text's length: nothing while it is far below the limit.
export function lengthNote(text) {
    // A scalar has one or two UTF-16 units.
    if (text.length <= LONGEST - NEAR) return { isTooLong: false, words: null };
    const left = LONGEST - [...text].length;
    if (left > NEAR) return { isTooLong: false, words: null };
    const key = left < 0 ? "limit.tooLong" : "limit.left";
    return { isTooLong: left < 0, words: t(key, { count: number(Math.abs(left)) }) };
}

/// What is left of today's messages and of the credits, if that is little; null if there is enough or it is not known.
export async function allowanceNote() {
    const usage = await get("/users/me/usage").catch(() => null);
    if (!usage) return null;
    const { limits, used, credits: money, resets_at: resets } = usage;
    if (money.per_month !== null && money.balance <= 0) {
        return t("limit.noCredits", { time: clock(money.renews_at) });
    }
    const most = limits.messages_per_day;
    if (most !== null && most - used.messages_today <= FEW) {
        const left = Math.max(0, most - used.messages_today);
        return t(left ? "limit.messages" : "limit.noMessages", { count: number(left), time: clock(resets) });
    }
    if (money.per_month !== null && money.balance <= money.per_month / 20) {
        return t("limit.credits", { count: credits(money.balance), time: clock(money.renews_at) });
    }
    return null;
}
