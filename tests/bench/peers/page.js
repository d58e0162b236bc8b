// What the pages share whatever they are written with.

export const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));

// The cells of each row that is in sight, joined by "|".
export function visible() {
  const list = document.getElementById("list");
  const frame = list.getBoundingClientRect();
  const inSight = (row) => {
    const at = row.getBoundingClientRect();
    return at.bottom > frame.top && at.top < frame.bottom;
  };
  const rows = [...list.getElementsByClassName("row")].filter(inSight);
  return rows.map((row) => [...row.children].map((cell) => cell.textContent).join("|"));
}
