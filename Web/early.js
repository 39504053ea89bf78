// A classic script that is done before the page is drawn, so that a chosen theme holds from the first paint, and the server is
// asked what the first page needs while the console's own script is still on its way.
{
    const chosen = localStorage.getItem("mynah.theme");
    if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
}
{
    const answers = new Map();
    const ask = (path) => {
        const answer = fetch(path, { cache: "no-store", credentials: "same-origin", headers: { Accept: "application/json" } });
        answer.catch(() => {});
        answers.set(path, answer);
        return answer;
    };
    if (document.documentElement.dataset.early !== undefined) {
        window.early = answers;
        const isFirst = ["", "#/"].includes(location.hash);
        // Without a session nothing else is asked. What fails is told by the call that reads the answer.
        ask("/users/me").then(({ ok }) => ok && isFirst && ask("/chatbots?limit=200")).catch(() => {});
    }
}
