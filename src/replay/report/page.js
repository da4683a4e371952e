// Runs in the reader's browser: draws the charts of a report. `report` (figures and words) and `echarts` stand before it in the page.
(() => {
  const { figures, words } = JSON.parse(document.getElementById("report").textContent);
  let language = /^zh/i.test(navigator.language) ? "zh" : "en";
  const charts = [];
  const green = "#2f7d5b";
  const amber = "#c98a2b";
  const hours = (seconds) => Math.round(seconds / 36) / 100;
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const element = (tag, className, text) => {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  };

  function draw() {
    const say = words[language];
    for (const chart of charts.splice(0)) chart.dispose();
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
    document.title = `${say.title} ${figures.from} – ${figures.to}`;
    const main = document.querySelector("main");
    main.replaceChildren(head(say), totals(say));
    if (figures.totals.readings === 0) {
      main.append(element("p", "nothing", say.nothing));
      return;
    }
    course(main, say);
    heat(main, say);
    topBooks(main, say);
    categories(main, say);
    retention(main, say);
    funnel(main, say);
    if (figures.searches.searches > 0) searches(main, say);
    devices(main, say);
    together(main, say);
    main.append(element("footer", "", say.made));
  }

  function head(say) {
    const header = element("header");
    const button = element("button", "", say.language);
    button.onclick = () => {
      language = language === "zh" ? "en" : "zh";
      draw();
    };
    header.append(button, element("h1", "", say.title), element("p", "", fill(say.period, figures)));
    return header;
  }

  function totals(say) {
    const all = figures.totals;
    const minutes = all.sessions === 0 ? 0 : Math.round(all.sessionSeconds / all.sessions / 6) / 10;
    const shown = [
      [say.readers, all.readers],
      [say.hours, Math.round(hours(all.seconds))],
      [say.sessions, all.sessions],
      [say.minutes, minutes],
      [say.books, all.books],
      [say.readings, all.readings],
      [say.finished, all.finished],
      [say.late, all.late],
    ];
    const list = element("dl", "totals");
    for (const [name, value] of shown) {
      const item = element("div");
      item.append(element("dd", "", value.toLocaleString(language === "zh" ? "zh-CN" : "en")), element("dt", "", name));
      list.append(item);
    }
    return list;
  }

  /** A chart with its heading. SVG is sharp on paper. */
  function chart(main, title, height, option) {
    const section = element("section");
    const place = element("div", "chart");
    place.style.height = `${height}px`;
    section.append(element("h2", "", title), place);
    main.append(section);
    const made = echarts.init(place, null, { renderer: "svg" });
    made.setOption({ animation: false, textStyle: { fontFamily: "inherit" }, ...option });
    charts.push(made);
    letScale(made);
  }

  /** The view box lets the sheet of a printer scale what was drawn for the screen. */
  function letScale(one) {
    const svg = one.getDom().querySelector("svg");
    svg?.setAttribute("viewBox", `0 0 ${one.getWidth()} ${one.getHeight()}`);
  }

  const grid = { left: 8, right: 16, top: 36, bottom: 8, containLabel: true };

  function course(main, say) {
    chart(main, figures.step === "day" ? say.courseDay : say.courseWeek, 280, {
      color: [green, amber],
      legend: { top: 0 },
      tooltip: { trigger: "axis" },
      grid,
      xAxis: { type: "category", data: figures.course.map(({ date }) => date) },
      yAxis: [
        { type: "value", minInterval: 1 },
        { type: "value", splitLine: { show: false } },
      ],
      series: [
        // A line through one day is no line.
        {
          name: say.readers,
          type: "line",
          z: 3,
          showSymbol: figures.course.length === 1,
          symbolSize: 10,
          data: figures.course.map(({ readers }) => readers),
        },
        { name: say.hours, type: "bar", yAxisIndex: 1, data: figures.course.map(({ seconds }) => hours(seconds)) },
      ],
    });
  }

  function heat(main, say) {
    const data = figures.heat.map(({ weekday, hour, seconds }) => [hour, 7 - weekday, hours(seconds)]);
    chart(main, say.heat, 260, {
      tooltip: { formatter: ({ value }) => `${[...say.weekdays].reverse()[value[1]]} ${value[0]}:00 · ${value[2]}` },
      grid: { ...grid, top: 8, bottom: 48 },
      xAxis: { type: "category", data: Array.from({ length: 24 }, (_, hour) => hour), splitArea: { show: true } },
      yAxis: { type: "category", data: [...say.weekdays].reverse(), splitArea: { show: true } },
      visualMap: {
        ...{ min: 0, max: Math.max(0.01, ...data.map(([, , value]) => value)), orient: "horizontal", left: "center" },
        ...{ bottom: 0, itemHeight: 120, itemWidth: 12, inRange: { color: ["#eef5f0", "#7fbf9e", green] } },
      },
      series: [{ type: "heatmap", data }],
    });
  }

  function bars(main, title, rows, unit) {
    const shown = [...rows].reverse();
    chart(main, title, 40 + 26 * shown.length, {
      color: [green],
      tooltip: { trigger: "axis", axisPointer: { type: "shadow" } },
      // Beside the bars: within, the number of a short bar would cover the name.
      grid: { ...grid, top: 8, right: 60 },
      xAxis: { type: "value", splitNumber: 3, axisLabel: { hideOverlap: true } },
      yAxis: { type: "category", data: shown.map(([name]) => name), axisLabel: { width: 130, overflow: "truncate" } },
      series: [
        {
          name: unit,
          type: "bar",
          data: shown.map(([, value]) => value),
          label: { show: true, position: "right" },
        },
      ],
    });
  }

  function topBooks(main, say) {
    const rows = figures.books.map(({ title, seconds }) => [title, hours(seconds)]);
    bars(main, say.topBooks, rows, say.hours);
  }

  function categories(main, say) {
    const name = ({ channel, category }) => `${say.channels[channel] ?? say.none} · ${category ?? say.none}`;
    bars(
      main,
      say.categories,
      figures.categories.map((one) => [name(one), hours(one.seconds)]),
      say.hours,
    );
  }

  function retention(main, say) {
    const cohorts = [...new Set(figures.retention.map(({ cohort }) => cohort))];
    if (cohorts.length < 2) return;
    const sizes = new Map(figures.retention.map(({ cohort, size }) => [cohort, size]));
    const most = Math.max(...figures.retention.map(({ weeks }) => weeks));
    const names = [...cohorts].reverse();
    const data = figures.retention.map(({ cohort, weeks, share }) => [
      weeks,
      names.indexOf(cohort),
      Math.round(share * 100),
    ]);
    chart(main, say.retention, 80 + 26 * cohorts.length, {
      tooltip: { formatter: ({ value }) => `${names[value[1]]} · ${fill(say.week, { n: value[0] })} · ${value[2]} %` },
      grid: { ...grid, top: 8, bottom: 24 },
      xAxis: { type: "category", data: Array.from({ length: most + 1 }, (_, n) => fill(say.week, { n })) },
      yAxis: { type: "category", data: names.map((cohort) => `${cohort} (${sizes.get(cohort)})`) },
      visualMap: { show: false, min: 0, max: 100, inRange: { color: ["#f4efe6", "#e0b566", amber] } },
      series: [
        {
          ...{ type: "heatmap", data, labelLayout: { hideOverlap: true } },
          label: { show: true, formatter: ({ value }) => `${value[2]}` },
        },
      ],
    });
  }

  function funnel(main, say) {
    const { title, chapters } = figures.funnel;
    chart(main, fill(say.funnel, { title }), 240, {
      color: [green],
      tooltip: { trigger: "axis" },
      grid: { ...grid, bottom: 28 },
      xAxis: {
        type: "category",
        name: say.chapter,
        nameLocation: "middle",
        nameGap: 28,
        data: chapters.map(({ chapter }) => chapter),
      },
      yAxis: { type: "value", minInterval: 1 },
      series: [
        { name: say.readers, type: "line", step: "end", areaStyle: {}, data: chapters.map(({ readers }) => readers) },
      ],
    });
  }

  function searches(main, say) {
    const counts = figures.searches;
    bars(
      main,
      say.searches,
      [
        [say.searched, counts.searches],
        [say.opened, counts.opened],
        [say.shelved, counts.shelved],
      ],
      say.searches,
    );
  }

  function devices(main, say) {
    bars(
      main,
      say.devices,
      figures.devices.map(({ devices: n, readers }) => [fill(say.deviceCount, { n }), readers]),
      say.readers,
    );
  }

  function together(main, say) {
    if (figures.together.length === 0) return;
    const section = element("section");
    const table = element("table");
    const row = (cells, tag) => {
      const line = element("tr");
      for (const cell of cells) line.append(element(tag, typeof cell === "number" ? "number" : "", `${cell}`));
      table.append(line);
    };
    row([say.bookA, say.bookB, say.readers, say.lift], "th");
    for (const { a, b, readers, lift } of figures.together) row([a, b, readers, Math.round(lift * 100) / 100], "td");
    section.append(element("h2", "", say.together), table);
    main.append(section);
  }

  const resize = () => {
    for (const one of charts) {
      one.resize();
      letScale(one);
    }
  };
  addEventListener("resize", resize);
  draw();
})();
