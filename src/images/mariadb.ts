import { existsSync } from "node:fs";
import { join } from "node:path";
import { unpackPackages } from "./debian-package.ts";
import { layer } from "./layer.ts";
import { filesOf, librariesOf } from "./libraries.ts";
import type { ImageConfig } from "./oci-archive.ts";

/** Who serves: uid and gid in the image. */
const mysql = 999;

const configuration = `[mariadbd]
datadir = /var/lib/mysql/data
socket = /run/mysqld/mysqld.sock
pid-file = /run/mysqld/mysqld.pid
skip-name-resolve
innodb-buffer-pool-size = 32M
innodb-log-file-size = 16M
performance-schema = off
[client]
socket = /run/mysqld/mysqld.sock
`;

/** A data directory is made beside its place and moved there: one that is found is whole. The password is set at every start. */
const entrypoint = `#!/bin/sh
set -eu
home=/var/lib/mysql
if [ ! -d $home/data ]; then
  rm -rf $home/new
  mariadb-install-db --force --skip-name-resolve --skip-test-db --auth-root-authentication-method=normal --basedir=/usr --datadir=$home/new > /run/mysqld/install.log 2>&1 || { cat /run/mysqld/install.log >&2; exit 1; }
  mv $home/new $home/data
fi
umask 077
password=$(printf %s "\${MARIADB_ROOT_PASSWORD:?}" | sed "s/\\\\\\\\/\\\\\\\\\\\\\\\\/g; s/'/''/g")
cat > /run/mysqld/init.sql <<END
DELETE FROM mysql.global_priv WHERE User = '' OR (User = 'root' AND Host NOT IN ('localhost', '%'));
FLUSH PRIVILEGES;
CREATE USER IF NOT EXISTS root@'%' IDENTIFIED BY '$password';
ALTER USER root@'%' IDENTIFIED BY '$password';
ALTER USER root@localhost IDENTIFIED BY '$password';
GRANT ALL PRIVILEGES ON *.* TO root@'%' WITH GRANT OPTION;
END
exec mariadbd --init-file=/run/mysqld/init.sql "$@"
`;

export const mariadbConfig: ImageConfig = { Entrypoint: ["/usr/local/bin/serve-mariadb"], User: String(mysql), ExposedPorts: { "3306/tcp": {} }, Volumes: { "/var/lib/mysql": {} } };

const packages = ["mariadb-common", "mariadb-server-core", "mariadb-client-core", "libmariadb3"];
const programs = ["usr/sbin/mariadbd", "usr/bin/mariadb", "usr/bin/my_print_defaults", "usr/bin/resolveip"];

/**
 * MariaDB's server and client with the shared libraries that they need, over a busybox, from the distribution's packages,
 * which are unpacked and not installed. Throws when they cannot be downloaded. @param work an empty directory
 */
export async function mariadbLayers(work: string): Promise<Buffer[]> {
  const root = join(work, "root");
  await unpackPackages(packages, work, root);
  const there = programs.filter((program) => existsSync(join(root, program)));
  if (!there.includes("usr/sbin/mariadbd")) throw new Error(`the distribution's MariaDB packages could not be downloaded (apt-get download ${packages.join(" ")})`);
  const libraries = await librariesOf(there, work, root);
  return [
    await layer(libraries),
    await layer([
      ...filesOf(root, (path) => there.includes(path) || path === "usr/bin/mariadb-install-db" || /^usr\/share\/mysql\/(charsets|english)\/|^usr\/share\/mysql\/[^/]+\.sql$|^usr\/share\/doc\/[^/]+\/copyright/.test(path)),
      { path: "etc/mysql/my.cnf", content: Buffer.from(configuration) },
      { path: "etc/passwd", content: Buffer.from(`root:x:0:0:root:/root:/bin/sh\nmysql:x:${mysql}:${mysql}:mysql:/var/lib/mysql:/bin/false\nnobody:x:65534:65534:nobody:/:/bin/false\n`) },
      { path: "etc/group", content: Buffer.from(`root:x:0:\nmysql:x:${mysql}:\nnogroup:x:65534:\n`) },
      { path: "usr/local/bin/serve-mariadb", content: Buffer.from(entrypoint), mode: 0o755 },
      { path: "run/mysqld", directory: true, mode: 0o1777 },
      { path: "var/lib/mysql", directory: true, mode: 0o1777 },
    ]),
  ];
}
