// A classic script, so that a chosen theme holds from the first paint.
{
    const chosen = localStorage.getItem("mynah.theme");
    if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
}
