const PREFIX = "mynah.draft.";

/// What has been written and not yet sent, kept in this browser until its writer signs out.
export class Draft {
    #key;

    /// `place` is a conversation's id, or "new".
    constructor(user, place) {
        this.#key = `${PREFIX}${user.id}.${place}`;
    }

    get text() {
        return localStorage.getItem(this.#key) ?? "";
    }

    set text(text) {
        try {
            if (text) localStorage.setItem(this.#key, text);
            else localStorage.removeItem(this.#key);
        } catch {
            // The browser has no room left for this site: the text is in the box at least.
        }
    }
}

export function forgetDrafts() {
    for (const key of Object.keys(localStorage).filter((name) => name.startsWith(PREFIX))) localStorage.removeItem(key);
}
