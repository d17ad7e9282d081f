// Worlds: the graphs that the broker hosts.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "engine/base/random.h"
#include "tools/graph/hosted_world.h"
#include "tools/host.h"

namespace yard::tools {

struct WorldsOptions {
  std::filesystem::path folder;  // a folder a world
  std::function<Result<std::string>(const std::string& content_hash, const std::stop_token& stop)> read_content;
};

// Keeps a world by its principal and name, and gives each job to the one that it names.
// Threads: the broker's loop, but open() and close(), which come before and after it.
class Worlds final : public Host {
 public:
  static constexpr std::size_t kWorldsMax = 64;  // a thread each

  // `clock` and `random` must outlive it.
  Worlds(WorldsOptions options, const Clock& clock, Random& random);
  ~Worlds() override;

  // Takes up all worlds that were loaded when the broker stopped.
  void open(jobs::ReportSink& reports, MakeCall call) override;
  void start(std::vector<jobs::Work>& work) override;
  void stop(JobId id) override;
  [[nodiscard]] std::size_t slots() const override { return SIZE_MAX; }
  void answer(HostAnswer&& answer) override;
  void drain() override;
  void close() override;

  // Those of `principal`, by name.
  [[nodiscard]] std::vector<std::shared_ptr<const WorldInfo>> list(std::string_view principal) const;
  // Names of worlds of `principal` that were unloaded and are kept.
  [[nodiscard]] std::vector<std::string> kept(std::string_view principal) const;

 private:
  using Key = std::pair<std::string, std::string>;  // principal and name

  void find_kept();
  void start(jobs::Work&& work);
  [[nodiscard]] Status load(jobs::Work& work, const Key& key);
  void begin(const Key& key, std::filesystem::path folder, Manifest manifest, std::optional<jobs::Work> load);
  void reap();
  void refuse(const jobs::Work& work, Error error);
  void drop_failed(const jobs::Work& work, const Key& key);

  const WorldsOptions options_;
  const Clock& clock_;
  Random& random_;
  std::optional<WorldSurroundings> surroundings_;
  MakeCall make_call_;

  struct Kept {
    std::filesystem::path folder;
    Manifest manifest;
  };
  std::map<Key, Kept> kept_;  // and not loaded
  std::map<Key, std::unique_ptr<HostedWorld>> worlds_;
  mutable Mutex callers_mutex_;
  std::unordered_map<Uuid, Key> callers_ YARD_GUARDED_BY(callers_mutex_);  // of the calls that are open
};

}  // namespace yard::tools
