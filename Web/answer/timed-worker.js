/// A worker that answers one question after the other. It is started with the first one, and ended if an answer takes
/// longer than `milliseconds`: what it works on was written by models and may be made to take for ever.
export class TimedWorker {
    #script;
    #milliseconds;
    #ready = null;
    #last = Promise.resolve();

    constructor(script, milliseconds) {
        this.#script = script;
        this.#milliseconds = milliseconds;
    }

    /// Answers null if there is no answer in time, or if `isWanted()` is no longer true when it is this question's turn.
    ask(question, isWanted = () => true) {
        this.#last = this.#last.then(() => (isWanted() ? this.#ask(question) : null)).catch(() => null);
        return this.#last;
    }

    async #ask(question) {
        const worker = await (this.#ready ??= start(this.#script));
        if (!worker) return null;
        return new Promise((resolve) => {
            const end = (answer) => {
                clearTimeout(timer);
                resolve(answer);
            };
            const timer = setTimeout(() => {
                worker.terminate();
                this.#ready = null;
                end(null);
            }, this.#milliseconds);
            worker.onmessage = ({ data }) => end(data);
            worker.postMessage(question);
        });
    }
}

/// Answers null if its scripts cannot be loaded; the time for that does not count.
function start(script) {
    return new Promise((resolve) => {
        const worker = new Worker(script);
        worker.onerror = (event) => {
            event.preventDefault();
            resolve(null);
        };
        worker.onmessage = () => resolve(worker);
    });
}
