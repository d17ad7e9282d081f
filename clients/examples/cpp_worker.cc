// switchyard-example-worker: a remote worker in C++.
//
//   switchyard-example-worker                 offers mandelbrot, nap and nap_once to the broker on this machine
//   switchyard call mandelbrot width=60 height=20
#include <sys/signalfd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <complex>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <mutex>
#include <string>
#include <thread>

#include "clients/core/worker.h"

namespace {

using namespace yard;
using client::WorkerContext;
using client::WorkerHandler;
using client::WorkerTool;

// ---- mandelbrot: a line of the picture is a chunk

char shade(std::complex<double> c) {
  constexpr std::string_view kShades = " .:-=+*#%@";
  std::complex<double> z = 0;
  std::size_t turns = 0;
  while (std::norm(z) < 4 && turns < 10 * kShades.size() - 1) {
    z = z * z + c;
    ++turns;
  }
  return kShades[turns / 10];
}

Result<Bytes> mandelbrot(PackView arguments, WorkerContext& context) {
  const std::int64_t width = arguments.find("width").integer_or(78);
  const std::int64_t height = arguments.find("height").integer_or(24);
  for (std::int64_t y = 0; y < height; ++y) {
    if (context.stop().stop_requested()) return fail(ErrorCode::kCancelled, "stopped at line " + std::to_string(y));
    std::string line;
    for (std::int64_t x = 0; x < width; ++x) {
      line += shade({-2.2 + 3.2 * static_cast<double>(x) / static_cast<double>(width),
                     -1.2 + 2.4 * static_cast<double>(y) / static_cast<double>(height)});
    }
    context.chunk(line + "\n");
    context.progress(100.0 * static_cast<double>(y + 1) / static_cast<double>(height));
  }
  return pack_map([&](PackMap& map) { map.integer("lines", height); });
}

WorkerTool mandelbrot_tool() {
  return {.name = "mandelbrot",
          .title = "Mandelbrot set",
          .description = "Draws the Mandelbrot set in characters; each line comes as a chunk.",
          .arguments = R"({"type": "object", "additionalProperties": false, "properties": {
            "width": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 78},
            "height": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 24}}})",
          .result = R"({"type": "object", "properties": {"lines": {"type": "integer"}}})",
          .timeout_class = "medium",
          .streams = true,
          .read_only = true,
          .idempotent = true};
}

// ---- nap: the tool that worker.py has, too

WorkerTool nap_tool(std::string name, bool idempotent) {
  return {.name = std::move(name),
          .title = "Nap",
          .description = "Does nothing for a while, tells how far it is every 100 ms, and can be stopped.",
          .arguments = R"({"type": "object", "required": ["ms"], "additionalProperties": false,
            "properties": {"ms": {"type": "integer", "minimum": 0, "maximum": 3600000}}})",
          .result = R"({"type": "object", "properties": {"by": {"type": "string"}}})",
          .timeout_class = "long",
          .streams = true,
          .idempotent = idempotent};
}

Result<Bytes> nap(const std::string& name, PackView arguments, WorkerContext& context) {
  using std::chrono::steady_clock;
  const Millis length(arguments.find("ms").integer_or(0));
  const auto begun = steady_clock::now();
  std::mutex mutex;
  std::condition_variable_any woken;
  std::unique_lock lock(mutex);
  for (auto passed = Millis(0); passed < length;
       passed = std::chrono::duration_cast<Millis>(steady_clock::now() - begun)) {
    context.progress(100.0 * static_cast<double>(passed.count()) / static_cast<double>(length.count()));
    woken.wait_for(lock, context.stop(), std::min(Millis(100), length - passed), [] { return false; });
    if (context.stop().stop_requested()) return fail(ErrorCode::kCancelled, "woken up");
  }
  return pack_map([&](PackMap& map) { map.string("by", name); });
}

// ---- the program

// Notes who begins what, for tests that count.
WorkerHandler noted(const std::string& ledger, const std::string& name, WorkerHandler handler) {
  if (ledger.empty()) return handler;
  return [=](PackView arguments, WorkerContext& context) {
    std::ofstream(ledger, std::ios::app) << to_hex(context.job().value()) + " " + std::to_string(context.attempt()) +
                                                " " + name + "\n";
    return handler(arguments, context);
  };
}

// SIGTERM and SIGINT as a stop request.
std::jthread stop_on_signal(std::stop_source& stop) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return std::jthread([signals, &stop](const std::stop_token& over) {
    const timespec moment{.tv_sec = 0, .tv_nsec = 100'000'000};
    while (!over.stop_requested()) {
      if (sigtimedwait(&signals, nullptr, &moment) > 0) stop.request_stop();
    }
  });
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Offers example tools to a Switchyard broker: mandelbrot, nap, nap_once."};
  client::WorkerOptions options{.name = "cpp-" + std::to_string(getpid())};
  std::string ledger;
  app.add_option("--workers", options.workers, "The broker's workers endpoint; by default the one on this machine");
  app.add_option("--name", options.name, "What the worker is called");
  app.add_option("--concurrency", options.concurrency, "Jobs at the same time")->check(CLI::Range(1, 256));
  app.add_option("--ledger", ledger, "Append a line here whenever a handler begins");
  CLI11_PARSE(app, argc, argv);

  std::stop_source stop;
  const std::jthread signals = stop_on_signal(stop);
  client::Worker worker(options);
  const auto nap_here = [name = options.name](PackView arguments, WorkerContext& context) {
    return nap(name, arguments, context);
  };
  worker.offer(mandelbrot_tool(), noted(ledger, options.name, mandelbrot));
  worker.offer(nap_tool("nap", true), noted(ledger, options.name, nap_here));
  worker.offer(nap_tool("nap_once", false), noted(ledger, options.name, nap_here));
  const Status served = worker.run(stop.get_token());
  if (served) return 0;
  std::fprintf(stderr, "switchyard-example-worker: %s\n", to_string(served.error()).c_str());
  return 1;
}
