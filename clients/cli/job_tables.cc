#include "clients/cli/job_tables.h"

#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "clients/cli/output.h"
#include "engine/base/pack_json.h"

namespace yard::cli {
namespace {

std::string progress_of(PackView job) {
  const PackView progress = job.find("progress");
  if (!progress) return "";
  char percent[32] = {};
  std::snprintf(percent, sizeof percent, "%.0f %%  ", progress.find("percent").real_or(0));
  return percent + one_line(progress.find("message").string_or(""));
}

std::string note_of(PackView job) {
  const PackView error = job.find("error");
  if (error) return one_line(error.find("name").string_or("")) + ": " + one_line(error.find("message").string_or(""));
  return progress_of(job);
}

}  // namespace

std::string took(PackView job) {
  const auto started = job.find("started_ms").integer();
  const auto ended = job.find("ended_ms").integer();
  return started && ended ? duration(static_cast<double>(*ended - *started)) : "";
}

void print_jobs(PackView reply) {
  std::vector<std::vector<std::string>> rows = {{"JOB", "TOOL", "STATE", "CREATED", "TOOK", "NOTE"}};
  reply.find("jobs").each_element([&](PackView job) {
    rows.push_back({std::string(job.find("job_id").string_or("")), one_line(job.find("tool").string_or("")),
                    std::string(job.find("state").string_or("")), clock_time(job.find("created_ms").integer_or(0)),
                    took(job), note_of(job)});
  });
  if (rows.size() == 1) {
    print_line("no jobs");
    return;
  }
  print(table(rows));
  if (reply.find("cursor")) print_line("older ones: raise --limit (at most 1000) or narrow by --state, --tool");
}

void print_job(PackView map) {
  std::vector<std::vector<std::string>> rows;
  map.each_pair([&](std::string_view key, PackView value) {
    if (key == "result" || key == "stream") return;
    const bool is_time =
        key.ends_with("_ms") && (key.starts_with("created") || key.starts_with("started") || key.starts_with("ended"));
    const auto text = value.string();
    rows.push_back(
        {std::string(key.substr(0, is_time ? key.size() - 3 : key.size())), is_time ? clock_time(value.integer_or(0))
                                                                            : text  ? one_line(*text)
                                                                                    : compact(to_json(value))});
  });
  print(table(rows));
  if (const auto dropped = map.find("dropped_ms").integer())
    print_line("its result has been dropped at " + clock_time(*dropped));
  if (const PackView result = map.find("result")) print_line("result\n" + readable(to_json(result)));
}

}  // namespace yard::cli
