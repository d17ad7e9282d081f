// ScratchFolder: a new empty folder that goes away with its owner.
#pragma once

#include <string>

#include "engine/base/result.h"

namespace yard::jobs {

class ScratchFolder {
 public:
  // Below the system's folder for temporary files ($TMPDIR or /tmp), mode 0700.
  //
  // Errors: kIo.
  [[nodiscard]] static Result<ScratchFolder> make();

  ScratchFolder(ScratchFolder&& other) noexcept;
  ScratchFolder& operator=(ScratchFolder&& other) noexcept;

  // Removes it with all that is in it, never through a symbolic link. What can't be removed stays.
  ~ScratchFolder();

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  explicit ScratchFolder(std::string path) : path_(std::move(path)) {}

  std::string path_;
};

}  // namespace yard::jobs
