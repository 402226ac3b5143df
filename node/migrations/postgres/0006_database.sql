-- Which database this is: clients notice by it that another one took its place. Units as in 0001.

CREATE TABLE node_database (
    number BIGINT PRIMARY KEY CHECK (number = 1), -- there is one row
    id BYTEA NOT NULL CHECK (length(id) = 16) -- random; another one after `restore`, the same one after `migrate`
);

INSERT INTO node_database (number, id) VALUES (1, uuid_send(gen_random_uuid()));
