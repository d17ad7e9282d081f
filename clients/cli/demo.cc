// demo: a broker of its own, every class of dispatch, on real input.
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>

#include "clients/cli/broker_child.h"
#include "clients/cli/commands.h"
#include "clients/cli/demo_tunes.h"
#include "clients/cli/output.h"
#include "clients/cli/stations.h"

namespace yard::cli {
namespace {

constexpr int kExitInterrupted = 130;
constexpr Millis kInterruptedPatience = std::chrono::seconds(2);  // nobody wants the running job any more

constexpr const char* kExamples =
    "  switchyard demo\n"
    "  switchyard demo --keep /tmp/yard     and listen to /tmp/yard/tune.wav\n"
    "\n"
    "Starts a broker on free local ports, checks and parses a tune, plays it to MIDI and WAV, renders a\n"
    "tunebook in twelve keys while the transport is driven by casts and acknowledged calls, cancels a second\n"
    "book, and stops the broker. Takes well under a minute on most machines.\n";

sigset_t stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, signal);
  return signals;
}

// Stops the broker and the program when a stop signal comes; they are blocked in all threads.
class Interruption {
 public:
  explicit Interruption(BrokerChild& broker)
      : thread_([&broker](const std::stop_token& over) {
          const sigset_t signals = stop_signals();
          constexpr timespec kStep{.tv_sec = 0, .tv_nsec = 100'000'000};
          while (!over.stop_requested()) {
            if (sigtimedwait(&signals, nullptr, &kStep) < 0) continue;
            std::fputs("switchyard: interrupted; stopping the broker\n", stderr);
            broker.stop(kInterruptedPatience);
            _exit(kExitInterrupted);
          }
        }) {}

 private:
  std::jthread thread_;
};

Status write_file(const std::filesystem::path& path, BytesView content) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
  file.close();
  if (!file) return fail(ErrorCode::kIo, "cannot write " + path.string());
  return {};
}

std::string book_listing(const nlohmann::json& book) {
  std::vector<std::vector<std::string>> rows = {{"TUNE", "TITLE", "SEMITONES", "SECONDS", "MIDI", "WAV"}};
  for (const nlohmann::json& item : book.value("items", nlohmann::json::array())) {
    rows.push_back({std::to_string(item.value("tune", 0)), one_line(item.value("title", "")),
                    std::to_string(item.value("semitones", 0)), duration(1'000 * item.value("duration_secs", 0.0)),
                    item.value("midi_hash", ""), item.value("wav_hash", "")});
  }
  return table(rows);
}

Status keep_products(const std::filesystem::path& folder, const DemoProducts& products) {
  YARD_TRY_STATUS(write_file(folder / "tune.abc", kDemoTune));
  YARD_TRY_STATUS(write_file(folder / "tune.mid", products.midi));
  YARD_TRY_STATUS(write_file(folder / "tune.wav", products.wav));
  return write_file(folder / "tunebook.txt", book_listing(products.book));
}

void summarize(const Timeline& timeline, const DemoProducts& products, const std::string& keep) {
  print_line("\nLatency by class of dispatch (a cast's: until its effect was read back)");
  print(timeline.latency_table());
  print_line("\nFiles");
  const std::string place = keep.empty() ? "" : keep + "/";
  print(table({{place + "tune.mid", std::to_string(products.midi.size()) + " bytes", products.midi_hash},
               {place + "tune.wav", std::to_string(products.wav.size()) + " bytes", products.wav_hash},
               {place + "tunebook.txt", std::to_string(products.book.value("count", 0)) + " items", ""}},
              "  "));
  if (keep.empty()) print_line("  They went with the broker; --keep DIR keeps them.");
}

// Everything with the broker alive. Its folder is gone afterwards, whatever happens.
Outcome run_stations(Context& context, BrokerChild& broker, const std::string& keep) {
  Timeline timeline(context.json);
  YARD_TRY(const auto client, client::Client::connect({.requests = broker.requests(), .name = "switchyard demo"}));
  timeline.add({.verb = "connect", .tool = "", .outcome = client->welcome().broker + " at " + broker.requests()});
  YARD_TRY(const DemoProducts products, Stations(*client, timeline).run());
  if (!keep.empty()) YARD_TRY_STATUS(keep_products(keep, products));
  if (!context.json) return summarize(timeline, products, keep), Outcome();
  nlohmann::json line = timeline.to_json();
  line["progress_events"] = products.progress_events;
  line["files"] = {{"midi_hash", products.midi_hash},
                   {"wav_hash", products.wav_hash},
                   {"items", products.book.value("count", 0)},
                   {"kept_in", keep}};
  print_line(compact(line));
  return {};
}

Outcome demo(Context& context, const std::string& keep) {
  if (!keep.empty()) {
    std::error_code error;
    std::filesystem::create_directories(keep, error);
    if (error || access(keep.c_str(), W_OK) != 0) return usage_failure("cannot write to the folder " + keep);
  }
  const sigset_t signals = stop_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  if (!context.json) print_line("Starting a broker on free local ports, its state in a temporary folder.\n");
  YARD_TRY(const auto broker, BrokerChild::start());
  const Interruption interruption(*broker);
  Outcome outcome = run_stations(context, *broker, keep);
  const int status = broker->stop();
  if (!outcome) return outcome;
  if (status != 0) {
    YARD_TRY_STATUS(Status(fail(ErrorCode::kInternal, "the broker ended with status " + std::to_string(status))));
  }
  if (!context.json) print_line("\nThe broker was stopped, and its folder removed.");
  return {};
}

}  // namespace

void add_demo_command(CLI::App& app, Context& context) {
  CLI::App* command = add_command(app, context, "demo", "Show everything at work, on real input", kExamples);
  const auto keep = std::make_shared<std::string>();
  command->add_option("--keep", *keep, "Folder for the files it makes");
  command->callback([&context, keep] { context.action = [&context, keep] { return demo(context, *keep); }; });
}

}  // namespace yard::cli
