#pragma once
#include "yiwang/store/session.hpp"

namespace yiwang::store {

Result<std::unique_ptr<Session>> open_sqlite(std::string const& file, OpenOptions const& options);
Result<std::unique_ptr<Session>> open_postgres(std::string const& target, OpenOptions const& options);

}  // namespace yiwang::store
