// The demonstration's stations: one class of dispatch after the other, over real sockets.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "clients/cli/timeline.h"
#include "clients/core/client.h"
#include "engine/base/random.h"

namespace yard::cli {

// What the stations made.
struct DemoProducts {
  Bytes midi;
  Bytes wav;
  std::string midi_hash;
  std::string wav_hash;
  nlohmann::json book;  // abc_render_book's result
  int progress_events = 0;
};

// `client` and `timeline` must outlive it. Threads: one; blocks.
class Stations {
 public:
  Stations(client::Client& client, Timeline& timeline) : client_(client), timeline_(timeline) {}

  // Errors: of the station that failed, its name in front.
  [[nodiscard]] Result<DemoProducts> run();

 private:
  using Json = nlohmann::json;

  Status immediate_station();
  Status short_station(DemoProducts& products);
  Status long_station(DemoProducts& products);
  Status garden_station();
  Status cancel_station();

  // Calls and notes it. Errors: also kUnavailable for a job that went beyond its class's wait.
  Result<client::Reply> call(const std::string& tool, const Json& arguments);
  // Submits and notes it.
  Result<JobId> submit(const std::string& tool, const Json& arguments, const char* dispatch);
  Result<client::Reply> await_end(JobId job, const std::string& tool);
  Result<int> follow_to_end(JobId job, const std::string& tool);
  Status await_tempo(double bpm);
  Result<Bytes> fetch(const std::string& hash);

  client::Client& client_;
  Timeline& timeline_;
  SystemRandom random_;
};

}  // namespace yard::cli
